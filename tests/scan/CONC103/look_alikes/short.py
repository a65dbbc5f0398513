import sqlite3
import time


class Desktop:
    async def click(self):
        time.sleep(0.1)

    async def remembered(self):
        return sqlite3.connect("/var/lib/agent/clicks.db")
