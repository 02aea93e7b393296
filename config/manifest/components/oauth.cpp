#include "config/language/value_path.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/components/logins.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::compiling {

namespace {

using language::value_dict;
using language::value_list;
using oauth_fields = OAuthAuthenticator;

/// The reference reads a number of so many digits as seconds since the epoch.
constexpr std::size_t most_epoch_digits = 10;

std::string text_or(context& x, const text_ref& field, std::string_view usual) {
  return field.text().empty() ? std::string{usual} : x.fixed(field);
}

/// The texts with which Python's requests sends a value: none for None, one for each element of a list.
std::vector<std::string> form_texts(const value& v) {
  std::vector<std::string> result;
  const auto add = [&result](const value& y) {
    if (!y.is_none())
      result.push_back(language::to_text(y));
  };
  if (const auto* list = v.as_list())
    std::for_each(list->begin(), list->end(), add);
  else if (const auto* dict = v.as_dict())
    for (const auto& member : *dict)
      result.push_back(member.first);
  else
    add(v);
  return result;
}

/// A dict of the manifest's whose keys are templates, and so are those values that are texts.
value_dict fixed_dict(context& x, const dict_ref& field) {
  value_dict result;
  if (field.raw() == nullptr)
    return result;
  for (const auto& [key, member] : *field.raw()->as_dict()) {
    const auto path = field.path() + "." + key;
    auto name = x.fixed_text(field, key, path);
    auto meaning = member.as_string() != nullptr ? x.fixed_value(field, *member.as_string(), path) : member;
    if (meaning)
      result.emplace_back(std::move(name), std::move(*meaning));
  }
  return result;
}

header_list headers_of(context& x, const view<oauth_fields>& c) {
  header_list result;
  const auto field = c[&oauth_fields::refresh_request_headers];
  for (const auto& [name, v] : fixed_dict(x, field)) {
    if (v.is_none())
      continue;
    result.emplace_back(name, language::to_text(v));
    if (has_control_characters(result.back().second))
      x.refuse_config(field, "the header `" + name + "` contains a control character, such as a line break");
  }
  return result;
}

/// The parts of a token request; a name that comes again takes the place of the one before.
class token_fields {
public:
  void put(token_field f) {
    auto known = find(f.name);
    if (known == all_.end())
      all_.push_back(std::move(f));
    else
      *known = std::move(f);
  }
  void put_value(std::string name, std::string text, bool secret = false) {
    put({std::move(name), token_field::source::plan, {std::move(text)}, secret});
  }
  /// What the manifest adds does not go before what is there.
  void add(std::string name, const value& v) {
    if (find(name) == all_.end())
      all_.push_back({std::move(name), token_field::source::plan, form_texts(v)});
  }
  std::vector<token_field> take() { return std::move(all_); }

private:
  std::vector<token_field>::iterator find(const std::string& name) {
    return std::find_if(all_.begin(), all_.end(), [&name](const token_field& f) { return f.name == name; });
  }

  std::vector<token_field> all_;
};

/// A moment as the reference reads it; nothing if it cannot.
std::optional<language::instant> read_moment(const std::string& text) {
  if (!text.empty() && ascii_digits.covers(text))
    return text.size() <= most_epoch_digits ? std::optional{language::instant{std::chrono::seconds{std::stoll(text)}}}
                                            : std::nullopt;
  auto read = language::parse_iso8601(text);
  return read ? std::optional{read->instant} : std::nullopt;
}

/// The refusals that mean that the refresh token is not good any more. Both places of the manifest may name them.
template <class Fields>
bool take_refusals(oauth_login& how, const view<Fields>& c) {
  const auto statuses = c[&Fields::refresh_token_error_status_codes].numbers();
  auto name = c[&Fields::refresh_token_error_key].text();
  auto values = c[&Fields::refresh_token_error_values].list();
  if (statuses.empty() && name.empty() && values.empty())
    return false;
  how.refusal_statuses.assign(statuses.begin(), statuses.end());
  how.refusal_name = std::move(name);
  how.refusal_values = std::move(values);
  return true;
}

/// Keys in the config, or where they usually are.
std::vector<std::string> config_path(const texts_ref& field, const char* usual) {
  return field.has() ? field.list() : std::vector<std::string>{"credentials", usual};
}

class oauth_compiler {
public:
  oauth_compiler(context& x, const view<oauth_fields>& c)
    : x_{x}, c_{c}, updater_{c[&oauth_fields::refresh_token_updater].get()} {}

  planned_credential compile() {
    if (!updater_)
      check_oauth_fields(x_, c_);
    how_.url = endpoint_url();
    how_.headers = headers_of(x_, c_);
    how_.in_query = c_[&oauth_fields::in_query].value();
    how_.access_token_name = text_or(x_, c_[&oauth_fields::access_token_name], "access_token");
    how_.expires_in_name = text_or(x_, c_[&oauth_fields::expires_in_name], "expires_in");
    how_.expiry_is_moment = !c_[&oauth_fields::token_expiry_date_format].text().empty();
    grant_ = text_or(x_, c_[&oauth_fields::grant_type], "refresh_token");
    updater_ ? take_stored_tokens() : take_tokens();
    take_request();
    take_refusal_rules();
    planned_credential result{name(), {}, identity()};
    result.how = std::move(how_);
    return result;
  }

private:
  std::string endpoint_url() {
    const auto field = c_[&oauth_fields::token_refresh_endpoint];
    auto text = x_.fixed(field);
    const auto parts = url::split(text);
    if (!parts && !x_.failed())
      x_.refuse_config(field, "it is no http or https URL: " + std::string{parts.error()});
    else if (parts)
      host_ = parts->authority();
    return url::encode_illegal(text.substr(0, text.find('#')));
  }

  void take_tokens() {
    if (const auto field = c_[&oauth_fields::refresh_token]; field.has()) {
      const auto v = x_.fixed_value(field);
      if (v && grant_ == "refresh_token" && (v->is_none() || !truthy(*v)))
        x_.refuse_config(field, "the refresh token is empty: is its config key missing?");
      how_.refresh_token = v ? language::to_text(*v) : std::string{};
    }
    const auto expiry = text_of(c_[&oauth_fields::token_expiry_date]);
    const auto good_until = expiry.empty() ? language::instant{} : moment(c_[&oauth_fields::token_expiry_date], expiry);
    how_.access_token = text_of(c_[&oauth_fields::access_token_value]);
    how_.good_until = good_until;
  }

  /// Single-use tokens: the configuration has them, at its own places.
  void take_stored_tokens() {
    using keys = RefreshTokenUpdater;
    const auto& u = *updater_;
    how_.store = token_store{config_path(u[&keys::access_token_config_path], "access_token"),
                             config_path(u[&keys::refresh_token_config_path], "refresh_token"),
                             config_path(u[&keys::token_expiry_date_config_path], "token_expiry_date")};
    how_.refresh_token_name = text_or(x_, u[&keys::refresh_token_name], "refresh_token");
    how_.refresh_token = config_text(how_.store->refresh_token);
    how_.access_token = config_text(how_.store->access_token);
    const auto expiry = config_text(how_.store->expiry_date);
    if (!expiry.empty())
      how_.good_until = moment(u[&keys::token_expiry_date_config_path], expiry);
  }

  void take_request() {
    token_fields all;
    all.put_value(text_or(x_, c_[&oauth_fields::grant_type_name], "grant_type"), grant_);
    // Exactly so, as in the reference.
    const bool in_header
      = std::any_of(how_.headers.begin(), how_.headers.end(), [](const auto& h) { return h.first == "Authorization"; });
    if (!in_header)
      put_client(all);
    const auto refresh_name
      = updater_ ? how_.refresh_token_name : text_or(x_, c_[&oauth_fields::refresh_token_name], "refresh_token");
    if (updater_ || c_[&oauth_fields::refresh_token].has())
      all.put({refresh_name, token_field::source::refresh_token});
    if (const auto scopes = c_[&oauth_fields::scopes].list(); !scopes.empty())
      all.put({"scopes", token_field::source::plan, scopes});
    for (const auto& [key, v] : fixed_dict(x_, c_[&oauth_fields::refresh_request_body]))
      all.add(key, v);
    how_.fields = all.take();
  }

  void put_client(token_fields& all) {
    const auto id_name = text_or(x_, c_[&oauth_fields::client_id_name], "client_id");
    const auto secret_name = text_or(x_, c_[&oauth_fields::client_secret_name], "client_secret");
    if (updater_) {
      // Where the configuration has them at the usual place, that is what counts, as in the reference.
      all.put_value(id_name, stored_or_given("client_id", c_[&oauth_fields::client_id]));
      all.put_value(secret_name, stored_or_given("client_secret", c_[&oauth_fields::client_secret]), true);
      return;
    }
    const auto id = x_.fixed_value(c_[&oauth_fields::client_id]);
    if (id && !truthy(*id))
      x_.refuse_config(c_[&oauth_fields::client_id], "the client id is empty: is its config key missing?");
    all.put({id_name, token_field::source::plan, id ? form_texts(*id) : std::vector<std::string>{}});
    const auto secret = x_.fixed_value(c_[&oauth_fields::client_secret]);
    all.put({secret_name, token_field::source::plan, secret ? form_texts(*secret) : std::vector<std::string>{}, true});
  }

  std::string stored_or_given(const char* key, const text_ref& given) {
    const auto* stored = language::only_value_at(x_.input().config, {"credentials", key});
    return stored != nullptr ? language::to_text(*stored) : text_of(given);
  }

  void take_refusal_rules() {
    const bool own = take_refusals(how_, c_);
    if (updater_ && take_refusals(how_, *updater_)) {
      if (own)
        x_.refuse(c_,
                  "refresh_token_error_... stands both in OAuthAuthenticator and in its refresh_token_updater; leave "
                  "it in OAuthAuthenticator");
    } else if (!own) {
      how_.refusal_statuses = {400};
      how_.refusal_name = "error";
      how_.refusal_values = {"invalid_grant", "invalid_permissions"};
    }
  }

  /// What a template of the manifest's renders to, as the reference means it; empty: nothing.
  std::string text_of(const text_ref& field) {
    if (!field.has())
      return {};
    const auto v = x_.fixed_value(field);
    return v && !v->is_none() ? language::to_text(*v) : std::string{};
  }

  std::string config_text(const std::vector<std::string>& path) {
    const auto* found = language::only_value_at(x_.input().config, path);
    return found != nullptr && !found->is_none() ? language::to_text(*found) : std::string{};
  }

  language::instant moment(const field_ref& field, const std::string& text) {
    const auto read = read_moment(text);
    if (!read)
      x_.refuse_config(field, "the date of a token's end cannot be read: it is neither seconds since the epoch nor ISO "
                              "8601");
    return read.value_or(language::instant{});
  }

  std::string name() const { return "OAuth (" + grant_.substr(0, 60) + ") at " + host_; }

  /// Whoever keeps tokens at the same place of the configuration shares them.
  std::string identity() const {
    value_list parts{value{"oauth"}, value{how_.url}};
    const auto add = [&parts](const std::vector<std::string>& texts) {
      value_list list;
      for (const auto& text : texts)
        list.emplace_back(text);
      parts.emplace_back(std::move(list));
    };
    if (how_.store) {
      add(how_.store->access_token);
      add(how_.store->refresh_token);
    } else {
      for (const auto& [key, text] : how_.headers)
        add({key, text});
      for (const auto& field : how_.fields) {
        add({field.name});
        add(field.values);
      }
      add({how_.refresh_token, how_.access_token, how_.access_token_name, how_.expires_in_name,
           how_.in_query ? "query" : "body", how_.expiry_is_moment ? "moment" : "seconds",
           std::to_string(how_.good_until.time_since_epoch().count()), how_.refusal_name});
      add(how_.refusal_values);
    }
    return language::to_json(value{std::move(parts)});
  }

  context& x_;
  const view<oauth_fields>& c_;
  std::optional<view<RefreshTokenUpdater>> updater_;
  oauth_login how_;
  std::string grant_;
  std::string host_;
};

} // namespace

void check_oauth_fields(context& x, const view<OAuthAuthenticator>& c) {
  if (!c[&oauth_fields::client_id].has() || !c[&oauth_fields::client_secret].has())
    x.refuse(c,
             "OAuthAuthenticator needs both client_id and client_secret; what the API does not need may be a template "
             "that renders as nothing");
  if (!c[&oauth_fields::refresh_token].has()
      && text_or(x, c[&oauth_fields::grant_type], "refresh_token") == "refresh_token")
    x.refuse(c, "OAuthAuthenticator needs a refresh_token if its grant_type is refresh_token");
}

planned_credential compile_oauth(context& x, const view<OAuthAuthenticator>& c) {
  return oauth_compiler{x, c}.compile();
}

} // namespace sluice::compiling
