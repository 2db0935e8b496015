"""HOLD and the flow shop in SimPy (https://simpy.readthedocs.io), for `make bench`.

Integer delays keep env.now an integer. Draws are made before the clock starts and the order's hash
after it stops, so neither is part of the time. Usage: simpy_workloads.py hold SIZE COUNT | flow JOBS
"""
import math
import sys
import time

import simpy

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def increments(count):
    table = [math.floor(-math.log((i + 0.5) / 4096.0) * 1048576.0) for i in range(4096)]
    state, result = 42, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        r = mix(state)
        result.append(1 + table[r >> 52] + (r & 255))
    return result


def report(model, size, count, seconds, check):
    with open("/proc/self/status") as status:
        kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(f"{model} {size} count {count} seconds {seconds:.6f} kib {kib} check {check:016x}")


def hold(size, count):
    draws = increments(size + count)
    following = iter(draws[size:]).__next__
    times, ids = [], []
    environment = simpy.Environment()

    def process(number, first):
        yield environment.timeout(first)
        while True:
            times.append(environment.now)
            ids.append(number)
            yield environment.timeout(following())

    for number in range(size):
        environment.process(process(number, draws[number]))
    for _ in range(size):
        environment.step()  # the processes' own beginnings, at time 0
    begin = time.process_time()
    for _ in range(count):
        environment.step()
    seconds = time.process_time() - begin
    digest = check = 0
    for number, (instant, who) in enumerate(zip(times, ids), 1):
        digest = ((digest ^ (int(instant) + (who << 40))) * 0x9E3779B97F4A7C15) & MASK
        if number == 300000:
            check = digest
    report("hold", size, count, seconds, check)


def flow(jobs):
    low, span = (400, 300, 500, 50), (800, 600, 1000, 100)
    times = [low[i & 3] + mix(i) % span[i & 3] for i in range(jobs * 4)]
    done = []
    environment = simpy.Environment()
    begin = time.process_time()
    machines = [simpy.Resource(environment, 1) for _ in range(4)]

    def job(number):
        for stage in range(4):
            request = machines[stage].request()
            yield request
            yield environment.timeout(times[number * 4 + stage])
            done.append((number, stage, environment.now))
            machines[stage].release(request)

    for number in range(jobs):
        environment.process(job(number))
    environment.run()
    seconds = time.process_time() - begin
    check = sum(int(t) * (8 * j + 2 * m + 1) for j, m, t in done) & MASK
    report("flow", jobs, jobs, seconds, check)


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        hold(int(sys.argv[2]), int(sys.argv[3]))
    else:
        flow(int(sys.argv[2]))
