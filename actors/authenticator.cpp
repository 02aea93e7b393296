#include "actors/authenticator.hpp"

#include "actors/support/trace_text.hpp"
#include "config/connector_config.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>
#include <variant>

namespace sluice {

namespace {

/// Versions whose secrets stay masked.
constexpr std::size_t masked_versions = 4;

sluice::error not_kept(const std::string& name) {
  return {
    errc::output_closed, failure_type::system_error,
    "A new token for " + name
      + " was issued, but the configuration with it could not be written to stdout, so it is not used. The one in "
        "the configuration may have ended with it: if the next run is refused, authorise the connector anew.",
    ""};
}

} // namespace

void authenticator_state::obtain(const credential_wanted& x) {
  // What ends requests in flight ends the templates of logins, too.
  const language::evaluation_stop until_abort{session->aborted()};
  auto step = dialog->begin(x, wall());
  while (const auto* request = std::get_if<built_request>(&step))
    step = ask(*request);
  if (auto* failed = std::get_if<login_failure>(&step))
    return give_up(std::move(*failed));
  auto got = std::move(std::get<login_answer>(step));
  token = x.token;
  hide(got.secrets);
  got.changes.empty() ? hand_out(std::move(got)) : keep(std::move(got));
}

login_step authenticator_state::ask(const built_request& x) {
  const auto begin = std::chrono::steady_clock::now();
  auto answer = send({x.method, x.url, x.headers, x.body});
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  if (!answer)
    return dialog->hear(answer.error().error, took);
  return dialog->hear({answer->status, std::move(answer->headers), std::move(answer->body),
                       answer->url.empty() ? x.url : std::move(answer->url), took},
                      wall());
}

tl::expected<net::response, net::transport_failure> authenticator_state::send(const net::request& x) {
  const bool traces = trace != nullptr && trace->on();
  const auto label = traces ? trace->masked(planned().name) : std::string{};
  const trace_log::span span{"login", (std::uint64_t{id} << 32) + ++requests, label, self->id()};
  if (traces)
    trace->begin_span(span, {}, flight_clock::now(), {});
  auto answer = [&] {
    outside_wait waiting{*record, outside::answer, "login for " + planned().name};
    return session->send(x);
  }();
  if (traces) {
    std::string args;
    trace_args more{args};
    more.number("status", answer ? answer->status : 0);
    if (!answer)
      more.text("error", trace->masked(answer.error().error.message));
    trace->end_span(span, {}, flight_clock::now(), args);
  }
  return answer;
}

void authenticator_state::keep(login_answer x) {
  keeping = true;
  config_update update{id, x.changes};
  const auto kept = [this] {
    keeping = false;
    for (auto& promise : std::exchange(to_answer, {}))
      promise.deliver(flushed{true});
  };
  self->request(links.emitter, caf::infinite, std::move(update))
    .then(
      [this, kept, x = std::move(x)](const flushed& written) mutable {
        written.open ? hand_out(std::move(x)) : give_up({not_kept(planned().name), -1});
        kept();
      },
      [this, kept](const caf::error&) {
        give_up({not_kept(planned().name), -1});
        kept();
      });
}

void authenticator_state::hand_out(login_answer x) {
  ++version;
  if (x.quotas.empty())
    spdlog::info("The credential {} was obtained{}", planned().name, version == 1 ? "" : " anew");
  else
    say_left(x.quotas);
  if (!x.changes.empty())
    config = std::make_shared<const language::value>(with_changes(config ? *config : plan->config, x.changes));
  auto issued = std::make_shared<const issued_credential>(issued_credential{version, std::move(x.fields), config});
  self->send(links.governor, credential_ready{id, std::move(issued), x.valid_us, token, std::move(x.quotas)});
}

void authenticator_state::say_left(const std::vector<quota_left>& left) const {
  const auto& pool = *pool_of(planned());
  std::string text;
  for (std::size_t i = 0; i < left.size(); ++i)
    text += (i == 0 ? " " : ", ") + pool.quotas[i].name
            + (left[i].tracked ? " " + std::to_string(left[i].remaining) + " of " + std::to_string(left[i].limit)
                               : " is not counted by the server");
  spdlog::info("Of {}, token {} has left:{}", planned().name, token + 1, text);
}

void authenticator_state::give_up(login_failure x) {
  if (x.error.code != errc::interrupted)
    spdlog::warn("The credential {} could not be obtained: {}", planned().name, x.error.message);
  self->send(links.governor, credential_failed{id, std::move(x.error), x.retry_us, x.refused});
}

void authenticator_state::hide(std::vector<std::string> found) {
  learnt.push_front(std::move(found));
  if (learnt.size() > masked_versions)
    learnt.pop_back();
  tell_redactor();
}

void authenticator_state::tell_redactor() {
  auto all = known;
  for (const auto& of_version : learnt)
    all.insert(all.end(), of_version.begin(), of_version.end());
  secrets->learn("credential " + std::to_string(id), all);
}

caf::result<flushed> authenticator_state::wait_until_kept() {
  if (!keeping)
    return flushed{true};
  to_answer.push_back(self->make_response_promise<flushed>());
  return to_answer.back();
}

std::string authenticator_state::describe() const {
  return "credential " + planned().name
         + (keeping ? ": waits until the configuration with it is written" : ": waits for credential_wanted");
}

authenticator_actor::behavior_type authenticator(authenticator_self* self, plan_ptr plan, credential_id id,
                                                 std::shared_ptr<net::transport> transport,
                                                 std::shared_ptr<redactor> secrets, authenticator_links links,
                                                 retry_limits bounds, wall_clock wall) {
  install_handlers(self);
  auto& state = self->state;
  state.plan = std::move(plan);
  state.id = id;
  state.session = transport->open_session();
  state.secrets = std::move(secrets);
  state.links = std::move(links);
  state.wall = std::move(wall);
  state.dialog.emplace(state.plan, id, bounds);
  state.known = state.dialog->known_secrets();
  state.tell_redactor();
  return {
    [self](const credential_wanted& x) { self->state.obtain(x); },
    [self](const flush_request&) { return self->state.wait_until_kept(); },
  };
}

} // namespace sluice
