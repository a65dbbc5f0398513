import ssl

import aiohttp
import requests
from pymongo import MongoClient

VERIFY = False
ssl._create_default_https_context = ssl._create_unverified_context  # FOUND
database = MongoClient("mongodb://db.internal", tlsAllowInvalidCertificates=True)  # FOUND


async def answer(session, url):
    requests.get(url, verify=VERIFY, timeout=5)  # FOUND
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as http:  # FOUND
        await http.get(url)
    return await session.get(url, ssl=False)  # FOUND


def listen(socket):
    socket.run_forever(sslopt={"cert_reqs": ssl.CERT_NONE})  # FOUND
