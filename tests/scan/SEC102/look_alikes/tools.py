import os
import shlex
import sqlite3
import subprocess
from typing import Literal

from langchain_core.tools import tool

connection = sqlite3.connect("/data/notes.db")
TABLE = "notes"
TABLES = ("notes", "authors")


@tool
def search(pattern: str, folder: str = "."):
    """Search the files."""
    subprocess.run(f"grep -r {shlex.quote(pattern)} .", shell=True, capture_output=True)
    return subprocess.run(["grep", "-r", "-e", pattern, folder], capture_output=True)


@tool
def disk(unit: Literal["k", "m"], lines: int):
    """Free space."""
    os.system("df -k")
    return subprocess.check_output(f"df -{unit} | head -n {lines}", shell=True)


@tool
def notes(author: str, limit: int = 10):
    """Notes of an author."""
    connection.execute(f"SELECT text FROM {TABLE} WHERE author = ? LIMIT {limit}", (author,))
    return connection.execute("SELECT text FROM notes WHERE author = ?", (author,)).fetchall()


@tool
def rows(table: str, ids: list):
    """All rows."""
    if table not in TABLES:
        raise ValueError(f"no table {table}")
    places = ",".join("?" for _ in ids)
    connection.execute(f"SELECT * FROM notes WHERE id IN ({places})", ids)
    return connection.execute(f"SELECT * FROM {table}").fetchall()


@tool
def count_notes(author: str):
    """Count the notes."""
    return count("notes")


def count(table):
    return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()


@tool
def ask(question: str, agent, pool):
    """Ask another agent."""
    agent.run(f"Answer: {question}")
    pool.execute(f"task-{question}")
    return agent.query(f"What is {question}?")
