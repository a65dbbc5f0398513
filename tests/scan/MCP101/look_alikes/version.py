import argparse
import sys

from fastmcp import FastMCP

mcp = FastMCP("notes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.version:
        print("1.0")
        return
    if arguments.check:
        print("all is well")
        sys.exit(0)
    mcp.run(transport="stdio")


if __name__ == "__main__":
    main()
