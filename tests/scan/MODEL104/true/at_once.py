from openai import OpenAI

client = OpenAI()


def answer(query):
    response = client.chat.completions.create(model="gpt-4.1-2025-04-14", messages=[])
    first = response.choices[0].message.content.strip()  # FOUND
    return first, response.choices[0].message.content[:100]  # FOUND


def later(query):
    response = client.chat.completions.create(model="gpt-4.1-2025-04-14", messages=[])
    text = response.choices[0].message.content
    return text.split()  # FOUND
