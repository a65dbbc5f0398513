import os

import streamlit as st

os.environ["OPENAI_API_KEY"] = st.secrets["OPENAI_API_KEY"]
os.environ["OTHER_KEY"] = st.secrets.get("OTHER_KEY", "")
os.environ["LANGCHAIN_PROJECT"] = "default"
name = st.text_input("Name")
