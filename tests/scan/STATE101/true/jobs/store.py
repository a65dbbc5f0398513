from collections import defaultdict

job_status = defaultdict[str, dict[str, str]](dict)
