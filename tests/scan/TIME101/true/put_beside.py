from agents.registry import func


@func.register_function(imports=["requests"])
def tasks(status):
    return requests.get(f"https://tasks.example.com/api/tasks?status={status}").json()  # FOUND
