import os

from mcp import StdioServerParameters

MODEL = "/Users/jdoe/models/llama.gguf"  # FOUND
DATA = r"C:\Users\Jane Doe\data\prices.csv"  # FOUND
DRIVE = "D:\\projects\\agent\\data.csv"  # FOUND
LINUX = f"/home/mkowalski/agent/{os.environ['NAME']}.txt"  # FOUND
SERVER = StdioServerParameters(command="python", args=["/Users/jdoe/work/server.py"])  # FOUND


def answer(query):
    os.system("python /home/mkowalski/scripts/search.py")  # FOUND
    return open(os.environ.get("NOTES", "/Users/jdoe/notes.md")).read()  # FOUND
