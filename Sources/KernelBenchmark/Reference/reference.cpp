// What the kernel's speed is measured against: the bare pending-event sets that a C++ programmer
// would write, under the same workloads and with the same answers as Workloads.swift. No engine, no
// dispatch, no cancellation. `make bench` builds it with the toolchain's clang++ -O3: g++ turns the
// heap's tournament into branches and would flatter us.
//
//   reference 4ary|std hold N EVENTS | ties EVENTS | flow JOBS | mm1 CUSTOMERS
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <queue>
#include <string>
#include <vector>

using u64 = std::uint64_t;
using u128 = unsigned __int128;

// ---- pending-event sets: order is time, then insertion --------------------------------------

struct Event {
  u64 time;
  u64 sequenceAndId;  // sequence << 24 | id
  u64 id() const { return sequenceAndId & 0xFFFFFF; }
  u128 key() const { return (u128)time << 64 | sequenceAndId; }
};

class StandardHeap {
  struct Later {
    bool operator()(const Event &a, const Event &b) const { return a.key() > b.key(); }
  };
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  u64 sequence = 0;

public:
  static constexpr const char *name = "std::priority_queue";
  void reserve(u64) {}
  u64 size() const { return queue.size(); }
  void push(u64 time, u64 id) { queue.push(Event{time, sequence++ << 24 | id}); }
  Event pop() {
    Event event = queue.top();
    queue.pop();
    return event;
  }
};

// Implicit 4-ary heap: element i lies at memory[i + 3], so that the children of a node begin at a
// multiple of 64 bytes, one cache line.
class FourAryHeap {
  Event *memory = nullptr;
  u64 count = 0, capacity = 0, sequence = 0;

  void grow(u64 wanted) {
    u64 bytes = ((wanted + 4) * sizeof(Event) + 63) / 64 * 64;
    Event *larger = (Event *)std::aligned_alloc(64, bytes);
    if (count) std::memcpy(larger + 3, memory + 3, count * sizeof(Event));
    std::free(memory);
    memory = larger;
    capacity = wanted;
  }

  void sift_down(Event *heap, Event event) {
    u64 hole = 0;
    bool is_big = count > 65536;  // larger than 1 MiB: hide the misses of the next level
    u128 key = event.key();
    for (;;) {
      u64 child = 4 * hole + 1;
      if (child + 4 <= count) {
        if (is_big)
          for (int k = 0; k < 4; k++) __builtin_prefetch(&heap[4 * (child + k) + 1]);
        u64 left = heap[child + 1].key() < heap[child].key() ? child + 1 : child;
        u64 right = heap[child + 3].key() < heap[child + 2].key() ? child + 3 : child + 2;
        u64 least = heap[right].key() < heap[left].key() ? right : left;
        if (key <= heap[least].key()) break;
        heap[hole] = heap[least];
        hole = least;
      } else if (child < count) {
        u64 least = child;
        for (u64 k = child + 1; k < count; k++)
          if (heap[k].key() < heap[least].key()) least = k;
        if (key <= heap[least].key()) break;
        heap[hole] = heap[least];
        hole = least;
      } else
        break;
    }
    heap[hole] = event;
  }

public:
  static constexpr const char *name = "4-ary heap";
  FourAryHeap() { grow(64); }
  ~FourAryHeap() { std::free(memory); }
  void reserve(u64 wanted) {
    if (wanted > capacity) grow(wanted);
  }
  u64 size() const { return count; }
  void push(u64 time, u64 id) {
    if (count == capacity) grow(capacity * 2);
    Event *heap = memory + 3;
    Event event{time, sequence++ << 24 | id};
    u64 hole = count++;
    while (hole > 0) {
      u64 parent = (hole - 1) / 4;
      if (heap[parent].key() <= event.key()) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = event;
  }
  Event pop() {
    Event *heap = memory + 3;
    Event top = heap[0];
    Event last = heap[--count];
    if (count) sift_down(heap, last);
    return top;
  }
};

// ---- streams of numbers -----------------------------------------------------------------------

static u64 mix(u64 z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

struct SplitMix {
  u64 state;
  u64 next() { return mix(state += 0x9E3779B97F4A7C15ull); }
  u64 exponential(double mean) {
    double u = (double(next() >> 11) + 0.5) * 0x1p-53;
    return (u64)std::floor(-std::log(u) * mean);
  }
};

struct Increments {
  SplitMix stream{42};
  std::vector<std::uint32_t> table;  // 4096 points of an inverse distribution, mean 2^20
  bool has_ties;
  explicit Increments(bool has_ties) : table(4096), has_ties(has_ties) {
    for (int i = 0; i < 4096; i++)
      table[i] = (std::uint32_t)std::floor(-std::log((i + 0.5) / 4096.0) * 1048576.0);
  }
  u64 next() {
    u64 r = stream.next();
    if (has_ties) return 1 + (r >> 62);
    return 1 + table[r >> 52] + (r & 255);
  }
};

// ---- reporting ----------------------------------------------------------------------------------

static double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

static long peak_kib() {
  long kib = 0;
  if (FILE *file = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, file))
      if (std::sscanf(line, "VmHWM: %ld", &kib) == 1) break;
    std::fclose(file);
  }
  return kib;
}

static void report(const char *model, u64 size, u64 count, double seconds, u64 check) {
  std::printf("%s %" PRIu64 " count %" PRIu64 " seconds %.6f kib %ld check %016" PRIx64 "\n", model,
              size, count, seconds, peak_kib(), check);
}

// ---- workloads ----------------------------------------------------------------------------------

template <class Queue> static void hold(u64 size, u64 count, bool has_ties) {
  Increments increments(has_ties);
  Queue queue;
  queue.reserve(size);
  u64 hash = 0, check = 0;
  for (u64 i = 0; i < size; i++) queue.push(increments.next(), i);
  double start = cpu_seconds();
  for (u64 k = 0; k < count; k++) {
    Event event = queue.pop();
    u64 id = event.id();
    hash = (hash ^ (event.time + (id << 40))) * 0x9E3779B97F4A7C15ull;
    if (k + 1 == 300000) check = hash;
    queue.push(event.time + increments.next(), id);
  }
  report(has_ties ? "ties" : "hold", size, count, cpu_seconds() - start, check);
}

// An event is the end of a stage; its id is the machine, which runs one job at a time.
template <class Queue> static void flow(u64 jobs) {
  static const u64 low[4] = {400, 300, 500, 50}, span[4] = {800, 600, 1000, 100};
  std::vector<std::uint32_t> times(jobs * 4);
  for (u64 j = 0; j < jobs; j++)
    for (int m = 0; m < 4; m++)
      times[j * 4 + m] = (std::uint32_t)(low[m] + mix(j * 4 + m) % span[m]);
  u64 check = 0;
  double begin = cpu_seconds();
  Queue queue;
  std::vector<std::uint32_t> lines[4];
  u64 head[4] = {}, running[4];
  bool busy[4] = {};
  for (auto &line : lines) line.reserve(jobs);
  auto start = [&](int m, u64 now) {
    u64 j = lines[m][head[m]++];
    busy[m] = true;
    running[m] = j;
    queue.push(now + times[j * 4 + m], m);
  };
  for (u64 j = 0; j < jobs; j++) lines[0].push_back(j);
  start(0, 0);
  while (queue.size()) {
    Event event = queue.pop();
    int m = (int)event.id();
    u64 j = running[m];
    check += event.time * (8 * j + 2 * (u64)m + 1);
    busy[m] = false;
    if (m < 3) {
      lines[m + 1].push_back(j);
      if (!busy[m + 1]) start(m + 1, event.time);
    }
    if (head[m] < lines[m].size()) start(m, event.time);
  }
  report("flow", jobs, jobs, cpu_seconds() - begin, check);
}

template <class Queue> static void mm1(u64 customers) {
  const double service = 1e6, arrival = 1e6 / 0.9;
  SplitMix arrivals{1}, services{2};
  double begin = cpu_seconds();
  Queue queue;
  std::vector<u64> line(64);  // ring of arrival times
  u64 head = 0, tail = 0, waited = 0, arrived = 0, served = 0;
  bool busy = false;
  queue.push(arrivals.exponential(arrival), 0);
  while (served < customers) {
    Event event = queue.pop();
    if (event.id() == 0) {
      if (++arrived < customers) queue.push(event.time + arrivals.exponential(arrival), 0);
      if (!busy) {
        busy = true;
        queue.push(event.time + services.exponential(service), 1);
      } else {
        if (tail - head == line.size()) {
          std::vector<u64> larger(line.size() * 2);
          for (u64 i = head; i < tail; i++)
            larger[i & (larger.size() - 1)] = line[i & (line.size() - 1)];
          line.swap(larger);
        }
        line[tail++ & (line.size() - 1)] = event.time;
      }
    } else {
      served++;
      if (head < tail) {
        waited += event.time - line[head++ & (line.size() - 1)];
        queue.push(event.time + services.exponential(service), 1);
      } else
        busy = false;
    }
  }
  report("mm1", customers, customers, cpu_seconds() - begin, waited);
}

template <class Queue> static int run(const std::string &model, u64 size, u64 count) {
  if (model == "hold") hold<Queue>(size, count, false);
  else if (model == "ties") hold<Queue>(1000, size, true);
  else if (model == "flow") flow<Queue>(size);
  else if (model == "mm1") mm1<Queue>(size);
  else return 64;
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  std::string queue = argv[1];
  u64 size = std::strtoull(argv[3], nullptr, 10);
  u64 count = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  if (queue == "4ary") return run<FourAryHeap>(argv[2], size, count);
  if (queue == "std") return run<StandardHeap>(argv[2], size, count);
  return 64;
}
