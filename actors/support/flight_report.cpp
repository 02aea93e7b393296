#include "actors/support/flight_report.hpp"

#include "messages/text/durations.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace sluice {

namespace {

std::string since(flight_time then, flight_time now) {
  return duration_text(std::max(flight_clock::duration::zero(), now - then));
}

std::string_view object_of(outside what) {
  switch (what) {
    case outside::answer:
      return " for the answer to ";
    case outside::output:
      return " for the reader of stdout to take ";
    case outside::display:
      return " for the reader of stderr to take ";
    case outside::file:
      return " for the file system to take ";
    case outside::nothing:
      break;
  }
  return "";
}

using name_table = std::map<std::uint64_t, std::string>;

std::string sender(const name_table& names, std::uint64_t id) {
  auto found = names.find(id);
  return found != names.end() ? found->second : "runtime";
}

std::string actor_text(const flight_view& a, const name_table& names,
                       const std::map<std::uint64_t, std::string>& answers, bool asked, flight_time now) {
  auto text = names.at(a.actor) + ": mailbox " + std::to_string(a.mailbox) + ", " + std::to_string(a.handled)
              + " messages begun, ";
  if (a.ended) {
    text += "has ended\n";
  } else if (a.messages.empty()) {
    text += "none so far\n";
  } else if (const auto& m = a.messages.front(); a.busy()) {
    text += "handling " + std::string{name_of(m.kind)} + " from " + sender(names, m.from) + " for "
            + since(m.began, now) + "\n";
  } else {
    text += "idle for " + since(m.began + m.took, now) + "\n";
  }
  if (a.waits_for != outside::nothing)
    text += "    waiting for " + since(a.wait_changed, now) + std::string{object_of(a.waits_for)} + a.wait_text + "\n";
  if (auto answer = answers.find(a.actor); answer != answers.end()) {
    std::istringstream lines{answer->second};
    for (std::string line; std::getline(lines, line);)
      text += "    " + line + "\n";
  } else if (a.waits_for == outside::nothing && !a.ended && asked) {
    text += "    gave no answer; the above is from its record\n";
  }
  for (const auto& m : a.messages) {
    text += "      " + since(m.began, now) + " ago: " + std::string{name_of(m.kind)} + " from " + sender(names, m.from);
    if (!m.slice.empty())
      text += ", page " + std::to_string(m.page) + " of " + m.slice;
    if (m.sent != flight_time{})
      text += ", waited " + fine_duration_text(m.began - m.sent);
    if (m.took.count() >= 0)
      text += ", took " + fine_duration_text(m.took);
    text += "\n";
  }
  return text;
}

} // namespace

void flight_answers::add(std::uint64_t actor, std::string text) {
  {
    std::lock_guard guard{mutex_};
    texts_[actor] = std::move(text);
  }
  changed_.notify_all();
}

std::map<std::uint64_t, std::string> flight_answers::wait(std::size_t expected, std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, patience, [&] { return texts_.size() >= expected; });
  return texts_;
}

std::string make_flight_report(const flight_recorder& actors, std::string_view headline,
                               std::chrono::milliseconds patience) {
  std::vector<flight_view> views;
  auto answers = std::make_shared<flight_answers>();
  std::size_t asked = 0;
  for (const auto& record : actors.records()) {
    // Before the question, which is none of the actor's own business.
    views.push_back(record->view());
    // Whoever waits for something outside cannot answer, and need not.
    if (views.back().waits_for != outside::nothing)
      continue;
    auto actor = record->actor();
    if (!actor || !record->may_ask())
      continue;
    ++asked;
    caf::anon_send(caf::actor_cast<caf::actor>(actor), flight_question{answers});
  }
  auto now = flight_clock::now();
  return flight_report_text(headline, views, answers->wait(asked, patience), now);
}

std::string flight_report_text(std::string_view headline, const std::vector<flight_view>& actors,
                               const std::map<std::uint64_t, std::string>& answers, flight_time now, bool asked) {
  name_table names;
  flight_time moved;
  for (const auto& a : actors) {
    names[a.actor] = a.name + " #" + std::to_string(a.actor);
    moved = std::max(moved, a.moved);
  }
  std::string text = "---- sluice: ";
  text += headline;
  text += "\n";
  if (moved != flight_time{})
    text += "The last message (timers and reports do not count) moved " + since(moved, now) + " ago.\n";
  for (const auto& a : actors)
    text += actor_text(a, names, answers, asked, now);
  text += "---- end of the report\n";
  return text;
}

} // namespace sluice
