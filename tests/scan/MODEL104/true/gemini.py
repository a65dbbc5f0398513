from google import genai

client = genai.Client()


def title(query):
    response = client.models.generate_content(model="gemini-2.5-flash-preview-09-2025", contents=query)
    return response.text.strip()  # FOUND


def answer(query):
    response = client.models.generate_content(model="gemini-2.5-flash-preview-09-2025", contents=query)
    return response.text  # FOUND
