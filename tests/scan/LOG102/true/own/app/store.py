import sqlite3


def keep(row):
    write(row)


def write(row):
    with sqlite3.connect("/var/lib/agent/rows.db") as connection:
        connection.execute("INSERT INTO rows VALUES (?)", (row,))


def note(text):
    with open("/var/lib/agent/notes.txt", "a") as file:
        file.write(text)
