from openai import OpenAI

client = OpenAI()


def answer(query):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    first = response.choices[0].message.content.strip()  # FOUND
    return first, response.choices[0].message.content[:100]  # FOUND


def later(query):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    text = response.choices[0].message.content
    return text.split()  # FOUND


def promised(query) -> str:
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    return response.choices[0].message.content  # FOUND


def remembered(history):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=history)
    text = response.choices[0].message.content
    history.append({"role": "assistant", "content": text})  # FOUND
    return history


def shown(query):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    return f"> {query}\n\n{response.choices[0].message.content}"  # FOUND


def by_keys(response):
    return response["choices"][0]["message"]["content"].strip()  # FOUND


def failed(query):
    try:
        response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
        return response.choices[0].message.content.strip()  # FOUND
    except Exception as error:
        return f"Error: {error}"
