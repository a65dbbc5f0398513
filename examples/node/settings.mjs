// What the agent is told from outside: read and checked once, when it starts.

const problems = [];

function read(name, isValid, should, otherwise) {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) problems.push(`${name} is not set: it should be ${should}`);
  else if (!isValid(value)) problems.push(`${name} is malformed: it should be ${should}`);
  return value;
}

export const key = read("OPENAI_API_KEY", (value) => /^sk-\S+$/.test(value), "a key that starts with sk-");
export const customers = read("CUSTOMERS_URL", isHttpUrl, "the customer API's http(s) URL");
export const port = Number(read("PORT", (value) => /^\d{1,5}$/.test(value), "a port number", "8080"));

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

function isHttpUrl(value) {
  return URL.canParse(value) && ["http:", "https:"].includes(new URL(value).protocol);
}
