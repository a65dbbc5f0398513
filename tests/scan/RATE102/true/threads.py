from concurrent.futures import ThreadPoolExecutor


def answer(client, queries):
    with ThreadPoolExecutor(max_workers=len(queries)) as pool:  # FOUND
        return [*pool.map(client.ask, queries)]
