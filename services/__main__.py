"""`python -m services`, which `make services` calls: promotions, the request log and the listing API, until Ctrl-C.

Each is a process of its own, as in production; what they are is told in their packages.
"""

import signal
import subprocess
import sys
from collections.abc import Mapping

from dotenv import load_dotenv

from resources.unavailable import Unavailable
from services.listing_api import settings as listing_api
from services.promotions import settings as promotions
from services.request_log import settings as request_log

_STOP_S = 20.0
_TRY = """Promotions at {url}, the request log at {log}, listings at {listings}; Ctrl-C stops all. To try:
  curl -H 'Content-Type: application/json' -d '{{"requestId": "try", "userIds": [15, 12, 23], "promotionIds": ["7"], \
"action": "add"}}' {url}/setPromotions
  curl -H 'Content-Type: application/json' -d '{{"requestId": "try", "userIds": [15, 12, 23]}}' {url}/getPromotions
  curl -d '{{"mod": "-rw-r--r--", "no": "1", "user": "root", "group": "root", "usrno": "286", "date": "Nov 21 10:05", \
"file": "/etc/motd"}}' {listings}/
"""


def main() -> int:
    """Run all; 0 when they were stopped, 1 when one of them ended by itself."""
    load_dotenv(".env")
    try:
        asked, log, listings = promotions.current(), request_log.current(), listing_api.current()
    except Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    running = {
        name: subprocess.Popen([sys.executable, "-m", f"services.{name}"])
        for name in ("request_log", "promotions", "listing_api")
    }
    url, log_url, listings_url = (
        f"http://{host}:{port}"
        for host, port in ((asked.host, asked.port), (log.host, log.port), (listings.host, listings.port))
    )
    sys.stdout.write(_TRY.format(url=url, log=log_url, listings=listings_url))
    sys.stdout.flush()
    try:
        return _ended(running)
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait(_STOP_S)


def _ended(running: Mapping[str, "subprocess.Popen[bytes]"]) -> int:
    """Wait until one of them has ended, and say which; it has told why."""
    while True:
        for name, process in running.items():
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
            sys.stderr.write(f"services.{name} has ended, so the others are stopped too.\n")
            return 1


if __name__ == "__main__":
    sys.exit(main())
