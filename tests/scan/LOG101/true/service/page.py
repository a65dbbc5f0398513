import streamlit as st
from app.sources import SOURCES

print("reading the index")  # FOUND
st.title("Ask")


class Page:
    def draw(self):
        print("drawing")  # FOUND
        if st.button("ask"):
            print("asked")
        return SOURCES["web"].find("x")


Page().draw()


def main():
    print("http://localhost:8501")


if __name__ == "__main__":
    main()
