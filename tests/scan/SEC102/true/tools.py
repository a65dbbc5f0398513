import asyncio
import os
import sqlite3
import subprocess

from langchain_core.tools import tool
from sqlalchemy import text

connection = sqlite3.connect("/data/notes.db")


@tool
def search(pattern: str, folder: str = "."):
    """Search the files."""
    return subprocess.run(f"grep -r {pattern} {folder}", shell=True, capture_output=True)  # FOUND


@tool
def show(path):
    """Show a file."""
    command = "cat " + path
    os.system(command)  # FOUND
    return os.popen("wc -l %s" % path).read()  # FOUND


@tool
async def count(path: str):
    """Count lines."""
    process = await asyncio.create_subprocess_shell("wc -l {}".format(path))  # FOUND
    return await process.wait(), subprocess.check_output(["bash", "-c", f"file {path}"])  # FOUND


@tool
def run(command: str):
    """Run a command."""
    return subprocess.check_output(command, shell=True)  # FOUND


@tool
def notes(author: str):
    """Notes of an author."""
    return lookup(author)


def lookup(author):
    cursor = connection.cursor()
    query = f"SELECT text FROM notes WHERE author = '{author}'"
    cursor.execute(query)  # FOUND
    return cursor.fetchall()


@tool
def delete(name: str, table: str, session):
    """Delete a note."""
    session.execute(text(f"DELETE FROM notes WHERE name = '{name}'"))  # FOUND
    connection.execute(f"DROP TABLE {table}")  # FOUND


def ask(client):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    return subprocess.run(response.choices[0].message.content, shell=True)  # FOUND
