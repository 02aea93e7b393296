#pragma once

#include "actors/core/requests/purpose.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/page.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What messages about failed requests are made of.
namespace sluice {

/// Text of a server for people: one line of valid UTF-8 of at most `size` bytes, or a little more.
std::string excerpt(std::string_view text, std::size_t size);

/// Where it failed: slice and page; a check is about a stream as a whole.
std::string failure_place(const endpoint& e, const page_request& request, request_purpose purpose);

/// What a failure means and what helps.
std::string failure_consequence(failure_type failure, request_purpose purpose);

/// ` after 3 tries`; nothing for the first.
std::string after_tries(const page_request& request);

/// The cause alone, for a line of progress: `the address of the host x could not be found (...)`.
std::string short_cause(const error& x);

} // namespace sluice
