from agents.registry import func


@func.register_function(imports=["requests"])
def tasks(status):
    return requests.get(f"https://tasks.example.com/api/tasks?status={status}", timeout=10).json()


def asked(requests):
    return requests.get("tasks")


def session_of(client):
    return client.get("https://tasks.example.com/api/tasks")
