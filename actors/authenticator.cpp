#include "actors/authenticator.hpp"

#include "actors/core/auth/login.hpp"

#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

namespace sluice {

namespace {

/// Versions whose secrets stay masked.
constexpr std::size_t masked_versions = 4;

/// Asks for a new one over the connection; may take as long as a request may.
expected<login_answer> ask(const session_login& how, const std::string& name, net::http_session& session) {
  auto answer = session.send({how.request.method, how.request.url, how.request.headers, how.request.body});
  if (!answer)
    return tl::unexpected(answer.error().error);
  auto read = read_login(how, name, answer->status, answer->body);
  session.reuse(std::move(answer->body));
  return read;
}

} // namespace

void authenticator_state::obtain() {
  const auto& what = planned();
  auto got = [&] {
    outside_wait waiting{*record, outside::answer, "login for " + what.name};
    return std::visit([&](const auto& how) { return ask(how, what.name, *session); }, what.how);
  }();
  if (!got) {
    if (got.error().code != errc::interrupted)
      spdlog::warn("The credential {} could not be obtained: {}", what.name, got.error().message);
    self->send(governor, credential_failed{id, std::move(got.error())});
    return;
  }
  hide(std::move(got->secrets));
  ++version;
  spdlog::info("The credential {} was obtained{}", what.name, version == 1 ? "" : " anew");
  auto issued = std::make_shared<const issued_credential>(issued_credential{version, std::move(got->fields)});
  self->send(governor, credential_ready{id, std::move(issued), got->valid_us});
}

void authenticator_state::hide(std::vector<std::string> found) {
  learnt.push_front(std::move(found));
  if (learnt.size() > masked_versions)
    learnt.pop_back();
  std::vector<std::string> all;
  for (const auto& of_version : learnt)
    all.insert(all.end(), of_version.begin(), of_version.end());
  secrets->learn("credential " + std::to_string(id), all);
}

authenticator_actor::behavior_type authenticator(authenticator_self* self, plan_ptr plan, credential_id id,
                                                 std::shared_ptr<net::transport> transport,
                                                 std::shared_ptr<redactor> secrets, governor_actor governor) {
  install_handlers(self);
  auto& state = self->state;
  state.plan = std::move(plan);
  state.id = id;
  state.session = transport->open_session();
  state.secrets = std::move(secrets);
  state.governor = std::move(governor);
  return {
    [self](const credential_wanted&) { self->state.obtain(); },
  };
}

} // namespace sluice
