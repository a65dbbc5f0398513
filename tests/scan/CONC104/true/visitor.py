import os

import streamlit as st

key = st.sidebar.text_input("Your key", type="password")
if key:
    os.environ["OPENAI_API_KEY"] = key  # FOUND


def page():
    os.environ["GROQ_API_KEY"] = st.session_state["groq_key"]  # FOUND
