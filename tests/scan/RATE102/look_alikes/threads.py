from concurrent.futures import ThreadPoolExecutor

LANGUAGES = ["en", "de"]


def answer(client, queries, servers):
    with ThreadPoolExecutor(max_workers=min(10, len(queries))) as pool:
        found = [*pool.map(client.ask, queries)]
    with ThreadPoolExecutor(max_workers=len(LANGUAGES)) as pool:
        found += pool.map(client.translate, LANGUAGES)
    with ThreadPoolExecutor(max_workers=len(servers)) as pool:
        return [*found, *pool.map(client.ping, servers)]
