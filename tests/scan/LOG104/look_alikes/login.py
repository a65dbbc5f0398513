import webbrowser

from google_auth_oauthlib.flow import InstalledAppFlow


def log_in(flow: InstalledAppFlow):
    credentials = flow.run_local_server(port=0)
    print(f"Put this into .env: REFRESH_TOKEN={credentials.refresh_token}")


def log_in_by_hand(url, server):
    webbrowser.open(url)
    server.handle_request()
    print(f"ACCESS_TOKEN={server.token['access_token']}")
