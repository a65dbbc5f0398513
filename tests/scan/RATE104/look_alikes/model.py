from tenacity import retry, stop_after_attempt, wait_exponential


@retry(wait=wait_exponential(), stop=stop_after_attempt(3))
def create_chat(client, messages):
    return client.chat.completions.create(model="gpt-5", messages=messages)


@retry(wait=wait_exponential(), stop=stop_after_attempt(3))
def send_request(http, query):
    return http.post("https://search.example.com", json={"q": query})
