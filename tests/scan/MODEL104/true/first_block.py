from anthropic import Anthropic

client = Anthropic()


def code(prompt):
    response = client.messages.create(model="m", max_tokens=1000, messages=[{"role": "user", "content": prompt}])
    return response.content[0].text  # FOUND
