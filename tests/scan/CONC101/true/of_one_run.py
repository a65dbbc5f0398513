from fastapi import FastAPI

app = FastAPI()
run_context = {"run_id": None, "tenant": None}
caps = {}
looked_up = {"search": 0}
results = []
last_answer = None


class Tracker:
    tenant = None

    def told(self):
        return self.tenant


def set_run_context(run_id, tenant):
    run_context["run_id"] = int(run_id)  # FOUND
    run_context["tenant"] = tenant


def set_caps(searches=None):
    caps["searches"] = searches  # FOUND


def search(query):
    global last_answer
    looked_up["search"] += 1  # FOUND
    if looked_up["search"] > caps["searches"]:
        return None
    results.append(query.upper())  # FOUND
    last_answer = ask(query)  # FOUND
    Tracker.tenant = query  # FOUND
    return last_answer


def ask(query):
    return query


@app.post("/agent")
def answer(query: str, run_id: str):
    set_run_context(run_id, query)
    set_caps(3)
    return search(query), results, run_context
