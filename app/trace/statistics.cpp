#include "app/trace/statistics.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace sluice::trace {

namespace {

/// The q-th part of values, which get another order.
std::int64_t quantile(std::vector<std::int64_t>& values, double q) {
  if (values.empty())
    return 0;
  auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

struct actor_book {
  std::vector<std::int64_t> sent;
  /// Sorted, as the messages are.
  std::vector<std::int64_t> begun;
  double handled_ns = 0;
  /// Waiting for a server's answer or for the reader of stdout.
  double answered_ns = 0;
  /// The part of it that lies inside handlers: all of it, but for fetchers that are told of their answers.
  double inside_ns = 0;
  bool is_told = false;
  /// End of its last handler of a permit.
  std::optional<std::int64_t> permit_end_ns;
  double open_ns = 0;
};

std::uint64_t high_water(actor_book& a) {
  std::sort(a.sent.begin(), a.sent.end());
  std::uint64_t most = 0;
  std::size_t begun = 0;
  for (std::size_t i = 0; i < a.sent.size(); ++i) {
    while (begun < a.begun.size() && a.begun[begun] < a.sent[i])
      ++begun;
    most = std::max<std::uint64_t>(most, i + 1 - begun);
  }
  return most;
}

struct kind_book {
  std::set<std::uint32_t> actors;
  std::vector<std::int64_t> waited;
  std::map<name_id, std::pair<std::vector<std::int64_t>, double>> by_message;
};

} // namespace

std::vector<kind_numbers> kinds_of(const model& m) {
  std::vector<actor_book> actors(m.actors.size());
  std::map<std::string, kind_book> kinds;
  const auto told = m.names.find("answer_arrived");
  for (std::uint32_t i = 1; i < m.actors.size(); ++i)
    kinds[m.kind_name(i)].actors.insert(i);
  for (const auto& x : m.messages) {
    auto& a = actors[x.to];
    a.sent.push_back(x.sent_ns);
    a.begun.push_back(x.begin_ns);
    a.handled_ns += static_cast<double>(x.took_ns);
    a.is_told = a.is_told || (told != 0 && x.name == told);
    auto& k = kinds[m.kind_name(x.to)];
    k.actors.insert(x.to);
    k.waited.push_back(x.waited_ns());
    auto& [waited, handled] = k.by_message[x.name];
    waited.push_back(x.waited_ns());
    handled += static_cast<double>(x.took_ns);
  }
  for (const auto& x : m.requests) {
    auto took = static_cast<double>(m.end_of(x) - x.begin_ns);
    auto& a = actors[x.actor];
    (x.end_ns ? a.answered_ns : a.open_ns) += took;
    if (x.end_ns && !a.is_told)
      a.inside_ns += took;
  }
  // Where the filter let no request through, what lies between a permit and its answer stands for it; in traces of
  // fetchers that waited inside the handler, that handler: nearly all of it is waiting.
  if (m.lacks_requests())
    for (const auto& x : m.messages) {
      auto& a = actors[x.to];
      if (std::holds_alternative<permit_args>(x.args)) {
        a.permit_end_ns = x.end_ns();
        if (!a.is_told) {
          a.answered_ns += static_cast<double>(x.took_ns);
          a.inside_ns += static_cast<double>(x.took_ns);
        }
      } else if (told != 0 && x.name == told && a.permit_end_ns) {
        a.answered_ns += static_cast<double>(std::max<std::int64_t>(0, x.begin_ns - *a.permit_end_ns));
        a.permit_end_ns.reset();
      }
    }
  for (const auto& x : m.output_waits) {
    actors[x.actor].answered_ns += static_cast<double>(x.end_ns - x.begin_ns);
    actors[x.actor].inside_ns += static_cast<double>(x.end_ns - x.begin_ns);
  }

  std::vector<kind_numbers> result;
  auto length = static_cast<double>(std::max<std::int64_t>(1, m.end_ns - m.begin_ns));
  for (auto& [name, book] : kinds) {
    bool asked = std::any_of(book.actors.begin(), book.actors.end(),
                             [&actors](std::uint32_t i) { return actors[i].answered_ns + actors[i].open_ns > 0; });
    if (book.waited.empty() && !asked)
      continue; // it only sends
    kind_numbers k;
    k.name = name;
    k.actors = book.actors.size();
    k.messages = book.waited.size();
    double busy = 0;
    double waiting = 0;
    for (auto i : book.actors) {
      auto& a = actors[i];
      k.high_water = std::max(k.high_water, high_water(a));
      // The handler of a request that is under way is not in the trace yet.
      waiting += a.answered_ns + a.open_ns;
      busy += std::max(0.0, a.handled_ns - a.inside_ns);
    }
    auto whole = length * static_cast<double>(std::max<std::size_t>(1, book.actors.size()));
    k.waiting = std::min(1.0, waiting / whole);
    k.busy = std::min(1.0 - k.waiting, busy / whole);
    k.waited_p50_ns = quantile(book.waited, 0.5);
    k.waited_p99_ns = quantile(book.waited, 0.99);
    for (auto& [id, numbers] : book.by_message) {
      auto& [waited, handled] = numbers;
      k.by_message.push_back({m.text(id), waited.size(), quantile(waited, 0.5), quantile(waited, 0.99), handled});
    }
    std::sort(k.by_message.begin(), k.by_message.end(),
              [](const message_numbers& a, const message_numbers& b) { return a.name < b.name; });
    result.push_back(std::move(k));
  }
  return result;
}

} // namespace sluice::trace
