from openai import OpenAI

client = OpenAI()


def described(messages) -> str:
    try:
        response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
        if not response.choices:
            raise LookupError("no answer")
        description = response.choices[0].message.content
        return description  # FOUND
    except Exception as error:
        raise RuntimeError("the image was not described") from error


print(described([]))
