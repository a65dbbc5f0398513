from openai import OpenAI

client = OpenAI()


def answer(query, mail):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    text = response.choices[0].message.content or ""
    return {"output": response.choices[0].message.content}, text, mail.content.strip()


def looked_at(query):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    text = response.choices[0].message.content
    if not text:
        raise RuntimeError("the model gave no answer")
    return text.strip()


def kept(query):
    text = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[]).choices[0].message.content
    return {"output": text}


def maybe(query) -> str | None:
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    return response.choices[0].message.content


def said(context, logger, response):
    logger.info(f"answer: {response.choices[0].message.content}")
    return context.message.content.strip()


def title(messages, logger):
    try:
        response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
        return response.choices[0].message.content.strip()
    except Exception:
        logger.exception("no title")
        return messages[-1]["content"]


def remembered(history, person):
    history.append({"role": "user", "content": person.message.content})
