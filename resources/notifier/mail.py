"""Notices as mail, over SMTP with TLS where the server offers it.

The Message-ID comes from the notice's key, so that mail servers and readers know a repetition.
"""

import hashlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from resources.notifier.port import Notice, Notifier
from resources.settings import LOOPBACK
from resources.unavailable import Unavailable

_TIMEOUT_S = 10.0


class MailNotifier(Notifier):
    """A mail server: `smtp://user@host:port/?to=a@bank.example&from=b@bank.example`, or `smtps://`."""

    def __init__(self, url: str, password: str = "") -> None:
        """Several `to` are allowed; without `from` the first of them is the sender. Raises Unavailable without `to`."""
        parts = urlsplit(url)
        given = parse_qs(parts.query)
        self._to = given.get("to", [])
        if not (parts.hostname and self._to):
            raise Unavailable(
                "NOTIFY_URL names no mail server or no receiver; write it like smtp://user@mail.bank.example:587/?to=ops@bank.example."
            )
        self._from = given.get("from", self._to)[0]
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = password

    def notify(self, notice: Notice) -> None:
        """One mail to all receivers."""
        try:
            with self._connected() as server:
                if not self._is_tls and server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                    server.ehlo()
                elif not self._is_tls:
                    self._check_plain()
                if self._user and self._password:
                    server.login(self._user, self._password)
                server.send_message(self._mail(notice))
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(
                f"The mail server {self._host}:{self._port} took no notice ({type(error).__name__}); "
                "check NOTIFY_URL, NOTIFY_PASSWORD and the network."
            ) from None

    def _check_plain(self) -> None:
        """Somebody on the way can hide that the server offers TLS, and then read the password."""
        if self._user and self._password and self._host not in LOOPBACK:
            raise Unavailable(
                f"The mail server {self._host}:{self._port} offers no TLS, and NOTIFY_PASSWORD is not sent without: "
                "write NOTIFY_URL as smtps://, or name a port with STARTTLS."
            )

    def _connected(self) -> smtplib.SMTP:
        if self._is_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT_S, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT_S)
        server.ehlo()
        return server

    def _mail(self, notice: Notice) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = re.sub(r"\s+", " ", notice.title)
        mail["From"] = self._from
        mail["To"] = ", ".join(self._to)
        mail["Message-ID"] = f"<{hashlib.sha256(notice.key.encode()).hexdigest()[:32]}@quadrant>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(notice.text)
        return mail
