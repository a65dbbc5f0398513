from pathlib import Path

HERE = Path(__file__).parent
LOGS = HERE / "logs"


def answer(query):
    (LOGS / "agent.log").write_text(query)  # FOUND
    with open("/etc/agent/state.json", "w") as file:  # FOUND
        file.write(query)
    LOGS.mkdir(exist_ok=True)
