from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="m", max_retries=0).with_retry(stop_after_attempt=4)
