import ssl

import httpx
import jwt
import requests

context = ssl.create_default_context(cafile="/etc/ssl/certs/internal-ca.pem")
context.verify_mode = ssl.CERT_REQUIRED


def answer(token, signature, settings):
    client = httpx.Client(verify="/etc/ssl/certs/internal-ca.pem", timeout=5)
    claims = jwt.decode(token, options={"verify": False})
    signature.check(verify=False)
    return requests.get("https://api.internal", verify=settings.ca, timeout=5), client, claims


def listen(socket, context):
    if context.verify_mode == ssl.CERT_NONE:
        raise ValueError("certificates are not verified")
    socket.run_forever(sslopt={"cert_reqs": ssl.CERT_REQUIRED})
