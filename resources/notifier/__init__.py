"""The notifier port: how people hear of what they must act on, and its three adapters.

Who is told, of what and when, is decided by sensors; here is only the telling.
"""

from resources.notifier.log import LogNotifier
from resources.notifier.mail import MailNotifier
from resources.notifier.port import Notice, Notifier
from resources.notifier.webhook import WebhookNotifier

__all__ = ["LogNotifier", "MailNotifier", "Notice", "Notifier", "WebhookNotifier"]
