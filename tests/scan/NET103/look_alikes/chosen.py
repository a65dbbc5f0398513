import httpx


def clients(args):
    if not args.verify_ssl:
        return httpx.Client(verify=False, timeout=10)
    return httpx.Client(timeout=10)
