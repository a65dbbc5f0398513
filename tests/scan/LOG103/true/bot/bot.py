import argparse
import logging

import discord

logging.basicConfig(level=logging.INFO)  # FOUND
client = discord.Client(intents=discord.Intents.default())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("token")
    client.run(parser.parse_args().token)


if __name__ == "__main__":
    main()
