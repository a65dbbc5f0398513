import os
import shutil
import subprocess

import httpx
import requests
import wikipedia
from botocore.exceptions import ClientError
from sqlalchemy.exc import SQLAlchemyError


def owner(connection, name):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT owner FROM agents WHERE name = %s", (name,))
            return cursor.fetchone()[0]
    except Exception:  # FOUND
        return None


def stored(session, row):
    try:
        session.add(row)
        session.commit()
    except SQLAlchemyError:  # FOUND
        pass


def page(address):
    try:
        return requests.get(address, timeout=10).text
    except requests.RequestException:  # FOUND
        return ""


async def told(address, event):
    try:
        async with httpx.AsyncClient() as client:
            await client.post(address, json=event)
    except (httpx.HTTPError, ValueError):  # FOUND
        return False
    return True


def removed(bucket, key):
    try:
        bucket.delete_objects(Delete={"Objects": [{"Key": key}]})
    except ClientError:  # FOUND
        return False
    return True


def converted(path):
    try:
        return subprocess.run(["soffice", "--convert-to", "pdf", path], timeout=60).returncode == 0
    except Exception:  # noqa: BLE001  # FOUND
        return False


def kept(folder, name, text):
    try:
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
        shutil.copy(os.path.join(folder, name), "/srv/shared")
    except Exception:  # FOUND
        # TODO: log this properly one day
        pass


async def rewritten(task):
    try:
        return await task
    except Exception:  # FOUND
        return None


def number_of(connection, name):
    try:
        return connection.lookup(name)
    except Exception:  # FOUND
        pass
    try:
        return connection.search(name)[0]
    except Exception:  # FOUND
        return None


def tenant(connection, name):
    try:
        found = connection.lookup(name)
    except Exception:  # FOUND
        found = None
    return {"tenant": found}


def summary(topic):
    try:
        return wikipedia.summary(topic)
    except Exception:  # FOUND
        return ""


def asked(llm, prompt):
    try:
        return llm(prompt)
    except Exception:  # FOUND
        return None


def sent(queue_client, jobs):
    for job in jobs:
        try:
            job["tries"] = int(job.get("tries", 0)) + 1
            queue_client.enqueue(job)
        except Exception:  # FOUND
            continue


def owned(connection, name):
    try:
        rows = connection.lookup(name)
    except Exception:  # FOUND
        rows = []
    if not rows:
        return None
    connection.touch(rows)
    return rows
