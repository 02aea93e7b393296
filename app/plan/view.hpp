#pragma once

#include "app/plan/estimate.hpp"

#include <string>

namespace sluice {

/// How a plan is shown. All of them end with a line break and show no headers and no secrets, and templates as the
/// manifest writes them.
/// @param utf8 whoever reads it can show characters beyond ASCII.
std::string plan_text(const plan_facts& facts, const plan_estimate& estimate, bool utf8 = true);
/// A flowchart in Mermaid's language.
std::string plan_mermaid(const plan_facts& facts, const plan_estimate& estimate);
/// A directed graph in Graphviz's language.
std::string plan_dot(const plan_facts& facts, const plan_estimate& estimate);
/// One JSON object; docs/user-guide.md documents its keys.
std::string plan_json(const plan_facts& facts, const plan_estimate& estimate);

/// What there is to say of a policy: `120 per minute`, `all requests`, `ends the run when it is used up`.
std::vector<std::string> limit_notes(const plan_facts& facts, std::size_t policy);
/// Every request counts once in it.
bool governs_all(const plan_facts& facts, std::size_t policy);
/// Method, base and path of an endpoint's requests, as the manifest writes them, without secrets.
std::string request_line(const endpoint& e, const redactor& secrets);

/// The credential that its requests need, if that is one that expires; else empty.
std::string credential_name(const plan& p, const endpoint& e, const redactor& secrets);

} // namespace sluice
