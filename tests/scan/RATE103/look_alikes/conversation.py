import json


def talk(client):
    while True:
        try:
            text = input("> ")
            if text == "exit":
                break
            print(client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": text}]))
        except Exception as error:
            print(error)


def parsed(client, messages):
    for _ in range(3):
        try:
            return json.loads(client.chat.completions.create(model="gpt-5", messages=messages))
        except json.JSONDecodeError:
            messages.append({"role": "user", "content": "Answer in JSON."})
