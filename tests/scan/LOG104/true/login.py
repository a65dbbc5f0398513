import logging
import webbrowser

logger = logging.getLogger(__name__)


def log_in(url, server):
    webbrowser.open(url)
    server.handle_request()
    logger.info("logged in: %s", server.access_token)  # FOUND
    return server


def refresh(server):
    server.refresh()
    print(f"new: {server.access_token}")  # FOUND
