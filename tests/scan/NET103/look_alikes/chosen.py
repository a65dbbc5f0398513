import ssl

import httpx
from requests.adapters import HTTPAdapter


class NoVerifyAdapter(HTTPAdapter):
    def init_poolmanager(self, *args, **kwargs):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


def context_for(ssl_verify):
    context = ssl.create_default_context()
    if not ssl_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def insecure_client():
    return httpx.Client(verify=False, timeout=10)


def clients(args):
    if not args.verify_ssl:
        return httpx.Client(verify=False, timeout=10)
    return httpx.Client(timeout=10)
