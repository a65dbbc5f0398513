import argparse

from fastmcp import FastMCP

mcp = FastMCP("tides")


def onboard():
    return input("Which harbour? ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oauth-setup", action="store_true")
    parser.add_argument("--onboard", action="store_true")
    args = parser.parse_args()
    if args.oauth_setup:
        from server.oauth_setup import run_oauth_setup

        return run_oauth_setup()
    if args.onboard:
        return onboard()
    return mcp.run()
