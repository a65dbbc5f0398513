import spotipy
from google_auth_oauthlib.flow import InstalledAppFlow
from spotipy.oauth2 import SpotifyOAuth


def credentials():
    flow = InstalledAppFlow.from_client_secrets_file("/etc/client.json", [])
    return flow.run_local_server(port=0), played()  # FOUND


def played():
    return spotipy.Spotify(auth_manager=SpotifyOAuth(scope="user-top-read", open_browser=False))  # FOUND
