"""Translates a sentence: python ask.py "Where is the station?" """

import os
import sys

from openai import OpenAI, OpenAIError

SECONDS = 8  # two tries of the model's client end before the deadline of 20 s


def main() -> None:
    if not os.environ.get("OPENAI_API_KEY"):
        sys.exit("OPENAI_API_KEY is not set")
    client = OpenAI(timeout=SECONDS, max_retries=1)
    try:
        answer = client.chat.completions.create(
            model="gpt-5.4-2026-03-05",
            messages=[
                {"role": "system", "content": "Translate the sentence into French. Keep numbers and references."},
                {"role": "user", "content": sys.argv[1]},
            ],
        ).choices[0]
    except OpenAIError as error:
        sys.exit(f"the model cannot be asked: {type(error).__name__}: {error}")
    if answer.finish_reason == "length":
        sys.exit("the model's answer was cut off at its length limit")
    said = answer.message.content or answer.message.refusal
    if not said:
        sys.exit("the model said nothing")
    print(said)


if __name__ == "__main__":
    main()
