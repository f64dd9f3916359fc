"""A load from a process of its own: `python -m benchmarks.load FILE` posts a prepared request again and again.

FILE is JSON: host, port, path, headers, body, requests, connections; `{number}` in
the body is another one each time. Prints JSON: latencies in milliseconds and refusals.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any


def post(plan: dict[str, Any], thread: int, count: int, latencies: list[float], refused: list[str]) -> None:
    connection = http.client.HTTPConnection(plan["host"], plan["port"])
    for index in range(count):
        body = plan["body"].replace("{number}", f"{plan['connections']}-{plan['requests']}-{thread}-{index}")
        begun = time.perf_counter()
        connection.request("POST", plan["path"], body, plan["headers"])
        answer = connection.getresponse().read().decode()
        latencies.append((time.perf_counter() - begun) * 1000)
        if plan["expect"] not in answer:
            refused.append(answer)
    connection.close()


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    latencies: list[float] = []
    refused: list[str] = []
    count = plan["requests"] // plan["connections"]
    threads = [
        threading.Thread(target=post, args=(plan, number, count, latencies, refused))
        for number in range(plan["connections"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    latencies.sort()
    print(
        json.dumps(
            {
                "requests": len(latencies),
                "refused": refused[:3],
                "p50": latencies[len(latencies) // 2],
                "p99": latencies[int(len(latencies) * 0.99)],
            }
        )
    )


if __name__ == "__main__":
    main()
