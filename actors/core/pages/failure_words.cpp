#include "actors/core/pages/failure_words.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice {

std::string excerpt(std::string_view text, std::size_t size) {
  std::string result;
  bool cut = text.size() > size;
  for (text = utf8_prefix(text, size); !text.empty();) {
    auto length = utf8_sequence_length(text);
    if (length == 0) {
      result += "\xEF\xBF\xBD";
    } else if (auto c = static_cast<unsigned char>(text.front()); c < 0x20 || c == 0x7F) {
      result += result.empty() || result.back() == ' ' ? "" : " ";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result + (cut ? "..." : "");
}

std::string failure_place(const endpoint& e, const page_request& request, request_purpose purpose) {
  if (purpose != request_purpose::read) {
    return "stream " + e.name;
  }
  return (request.slice.label.empty() ? e.name : request.slice.label) + ", page " + std::to_string(request.page);
}

std::string failure_consequence(failure_type failure, request_purpose purpose) {
  std::string meaning;
  std::string again = "Run again";
  if (purpose == request_purpose::check) {
    again = "Check again";
  } else if (purpose == request_purpose::probe) {
    meaning = "What it was to tell stays unknown. ";
    again = "Plan again";
  } else {
    meaning = "This part of the stream was not read completely; the state does not move past it. ";
  }
  switch (failure) {
    case failure_type::config_error:
      again.front() = static_cast<char>(again.front() - 'A' + 'a');
      return meaning + "Correct the connector configuration (credentials, permissions), then " + again + ".";
    case failure_type::transient_error:
      return meaning + again + " later" + (purpose == request_purpose::read ? " to read it." : ".");
    case failure_type::system_error:
      break;
  }
  if (purpose != request_purpose::read) {
    return meaning + again + "; if it stays, compare the API's address and what the connector asks for with what the "
           + "server says.";
  }
  return meaning + again + "; if it stays, see the log for what the server answered.";
}

std::string short_cause(const error& x) {
  // `GET url failed: the cause; what to do. What it means.`
  constexpr std::string_view prefix = " failed: ";
  constexpr std::size_t longest = 160;
  std::string_view text = x.message;
  if (const auto at = text.find(prefix); at != std::string_view::npos)
    text.remove_prefix(at + prefix.size());
  text = text.substr(0, std::min({text.find("; "), text.find(". "), text.find(".\n")}));
  if (!text.empty() && text.back() == '.')
    text.remove_suffix(1);
  return excerpt(text, longest);
}

std::string after_tries(const page_request& request) {
  return request.attempt == 0 ? "" : " after " + std::to_string(request.attempt + 1) + " tries";
}

} // namespace sluice
