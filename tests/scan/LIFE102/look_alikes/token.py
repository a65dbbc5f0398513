from google_auth_oauthlib.flow import InstalledAppFlow


def main():
    flow = InstalledAppFlow.from_client_secrets_file("/etc/client.json", [])
    print(flow.run_local_server(port=0).refresh_token)


if __name__ == "__main__":
    main()
