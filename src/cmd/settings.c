#include "cmd/settings.h"

#include <stddef.h>

const char settings_intro[] =
    "Settings are lines `KEY=VALUE` of the file that `--config` names, or variables of the "
    "environment. Flags beat the environment, the environment beats the file, that beats the "
    "default.\n\n"
    "A value that has blanks at its ends, a `#` or quotes stands in quotes: in double ones `\\n`, "
    "`\\\"` and `\\\\` count, in single ones nothing does, and both may go over several lines. "
    "`export KEY=VALUE` is taken too; a `#` at the beginning of a word begins a comment.";

const char settings_secrets[] =
    "A secret comes from the environment, from a file that `<KEY>_FILE` names, from the file of "
    "`NEMD_SECRETS`, or from that of `--config`. A file that holds secrets must be readable by its "
    "owner alone (`chmod 600`): another one is refused. Secrets are never in the log, in errors or "
    "in any output; URLs of webhooks count as secrets.";

static const struct setting store_settings[] = {
    {.key = "NEMD_DATA",
     .flag = "--data",
     .fallback = "~/.local/share/nemd",
     .meaning =
         "the store's folder, on a local disk; the default is below XDG_DATA_HOME where that "
         "is set",
     .example = "/var/lib/nemd"},
    {.key = "NEMD_SOURCE",
     .flag = "--source",
     .fallback = "https://www.nemweb.com.au",
     .meaning = "where files come from: a URL, or a folder laid out as NEMWEB is",
     .example = "https://mirror.example/nemweb"},
    {.key = "USER_AGENT",
     .fallback = "nemd/<version> (AEMO NEM data collector)",
     .meaning = "how nemd introduces itself to the source; a contact address is a courtesy",
     .example = "desk 7 (ops@example.com)"},
    {.key = "NEMD_SECRETS",
     .meaning = "a second file of settings, for secrets",
     .example = "/etc/nemd/nemd.secrets"},
    {.key = "LOG_LEVEL",
     .fallback = "info",
     .meaning = "the least that is logged: debug, info, warn or error",
     .example = "debug"},
    {.key = "LOG_FILE",
     .flag = "--log-file",
     .meaning = "log there instead of to standard error; opened anew on SIGHUP, as rotation wants "
                "it. Without it SIGHUP stops nemd, as closing its terminal does",
     .example = "/var/log/nemd/nemd.log"},
    {.key = "LOG_ROTATE_MB",
     .fallback = "50",
     .meaning = "MB after which that file is put aside as .1, the one before as .2 and so on up to "
                ".5, and begun anew; 0: never, as something else rotates it",
     .example = "0"},
    {.key = "NEMD_FOLLOW",
     .flag = "--follow",
     .meaning =
         "the folder of an earlier system that still runs: what it collects is compared with "
         "what nemd does, until it can be stopped",
     .example = "~/aemo_production/data"},
    {.key = "NO_COLOR",
     .meaning = "set to anything, doctor and monitor do without colours",
     .example = "1"},
    {0}};

static const struct setting serve_settings[] = {
    {.key = "DASHBOARD_HOST",
     .flag = "--host",
     .fallback = "127.0.0.1",
     .meaning = "the address to listen on; one beyond loopback wants TOKENS_FILE, or --open",
     .example = "0.0.0.0"},
    {.key = "DASHBOARD_PORT",
     .flag = "--port",
     .fallback = "5006",
     .meaning = "the port to listen on; 0: one that is free",
     .example = "8080"},
    {.key = "TOKENS_FILE",
     .flag = "--tokens",
     .meaning = "answer only who has a token of this file: lines `name token` or `name "
                "sha256:HEX`, readable by its owner alone",
     .example = "/etc/nemd/tokens"},
    {.key = "TOKEN_RATE",
     .fallback = "1200",
     .meaning = "requests a minute and token, 1 to 1000000",
     .example = "300"},
    {.key = "ALLOW_HOSTS",
     .flag = "--allow-host",
     .meaning = "names, parted by commas, by which requests may call this machine beside loopback",
     .example = "nem.example.com,10.0.0.7"},
    {.key = "SERVE_THREADS",
     .fallback = "0",
     .meaning = "threads that answer requests; 0: one for each core, at most 8",
     .example = "2"},
    {.key = "EVENTS_HEARTBEAT",
     .fallback = "15",
     .meaning = "seconds between signs of life on a stream of live events; less than a proxy's "
                "patience",
     .example = "10"},
    {0}};

static const struct setting backup_settings[] = {
    {.key = "NEMD_BACKUP",
     .flag = "--to",
     .meaning = "where backup saves to, and where restore (--from) looks: a folder, or a target of "
                "rsync",
     .example = "/mnt/backup/nemd"},
    {.key = "NEMD_BACKUP_AT",
     .meaning = "the time of day, AEST, at which run and collect make a backup there; unset: they "
                "make none",
     .example = "02:30"},
    {.key = "NEMD_BACKUP_KEEP",
     .flag = "--keep",
     .fallback = "14",
     .meaning = "generations to keep; 0: all",
     .example = "60"},
    {0}};

static const struct setting rule_settings[] = {
    {.key = "ALERT_RULES_OFF",
     .meaning = "rules that aren't wanted, parted by commas",
     .example = "battery,gap"},
    {.key = "HIGH_PRICE_THRESHOLD",
     .fallback = "1000",
     .meaning = "$/MWh from which a dispatch price is high",
     .example = "500"},
    {.key = "EXTREME_PRICE_THRESHOLD",
     .fallback = "10000",
     .meaning = "$/MWh from which it is extreme",
     .example = "5000"},
    {.key = "NORMAL_PRICE_THRESHOLD",
     .fallback = "300",
     .meaning = "$/MWh at which it is normal again",
     .example = "200"},
    {.key = "LOW_PRICE_THRESHOLD",
     .meaning = "$/MWh at or below which a price is low; unset: no such alert",
     .example = "-100"},
    {.key = "LOW_PRICE_NORMAL",
     .meaning = "$/MWh at which it is normal again; unset: 0 for a negative threshold, else 10 "
                "above it",
     .example = "20"},
    {.key = "FORECAST_PRICE_THRESHOLD",
     .meaning = "$/MWh that P5MIN may see in the next hour; unset: no such alert",
     .example = "1000"},
    {.key = "PREDISPATCH_PRICE_THRESHOLD",
     .meaning = "$/MWh that pre-dispatch may see in the next twelve hours; unset: no such alert",
     .example = "1000"},
    {.key = "PREDISPATCH_MOVE_THRESHOLD",
     .meaning = "$/MWh by which a pre-dispatch price may move between runs; unset: no such alert",
     .example = "300"},
    {.key = "BATTERY_LOW_THRESHOLD",
     .fallback = "5",
     .meaning = "% of registered storage below which a region's batteries are low",
     .example = "10"},
    {.key = "ALERT_TRIP_ALL",
     .meaning = "1: trips of all units, not of coal and CCGT alone",
     .example = "1"},
    {.key = "ALERT_DISK_GB",
     .fallback = "5",
     .meaning = "GB that the store's disk should have left; a fifth of it is critical",
     .example = "20"},
    {.key = "ALERT_BACKUP_HOURS",
     .fallback = "36",
     .meaning = "hours after which a backup is old, and critical after five times as many; 0: "
                "never. Where none was ever made there is no such alert",
     .example = "192"},
    {.key = "ALERT_RECORD_DAYS",
     .fallback = "365",
     .meaning = "days of history that the store must have before records are told",
     .example = "1000"},
    {.key = "ALERT_RULE_<NAME>",
     .meaning = "a rule of yours, see alerts.md",
     .example = "\"transmission5.mwflow V-SA >= 600\""},
    {0}};

static const struct setting sms_settings[] = {
    {.key = "TWILIO_ACCOUNT_SID", .meaning = "the account", .example = "AC0123…"},
    {.key = "TWILIO_AUTH_TOKEN", .meaning = "its token", .example = "…", .secret = true},
    {.key = "TWILIO_FROM_NUMBER",
     .meaning = "the number that messages come from, or the SID of a messaging service",
     .example = "+61400000000",
     .also = "TWILIO_PHONE_NUMBER, TWILIO_MESSAGING_SERVICE_SID"},
    {.key = "TWILIO_TO_NUMBERS",
     .meaning = "those that get them, parted by commas",
     .example = "+61400000001,+61400000002",
     .also = "TWILIO_TO_NUMBER, TO_PHONE_NUMBERS, TO_PHONE_NUMBER, ALERT_PHONE_NUMBERS, "
             "ALERT_PHONE_NUMBER, MY_PHONE_NUMBER, TO_NUMBER"},
    {.key = "TWILIO_BASE_URL",
     .fallback = "https://api.twilio.com",
     .meaning = "another server that speaks Twilio's protocol",
     .example = "https://sms.example.com"},
    {0}};

static const struct setting mail_settings[] = {
    {.key = "EMAIL_SMTP_SERVER",
     .meaning = "the server; unset: no e-mail",
     .example = "smtp.example.com",
     .also = "EMAIL_SERVER, EMAIL_HOST, SMTP_SERVER, SMTP_HOST"},
    {.key = "EMAIL_SMTP_PORT",
     .fallback = "587",
     .meaning = "its port",
     .example = "465",
     .also = "EMAIL_PORT, SMTP_PORT"},
    {.key = "EMAIL_SECURITY",
     .meaning = "tls, starttls, or none for a relay on this machine; unset: tls on port 465, else "
                "starttls",
     .example = "starttls"},
    {.key = "EMAIL_ADDRESS",
     .meaning = "the sender",
     .example = "nemd@example.com",
     .also = "EMAIL_FROM, EMAIL_SENDER, SENDER_EMAIL, EMAIL_USER, SMTP_USER"},
    {.key = "EMAIL_USERNAME",
     .meaning = "the name to log in with; unset: the sender",
     .example = "nemd",
     .also = "EMAIL_USER, SMTP_USERNAME, SMTP_USER"},
    {.key = "EMAIL_PASSWORD",
     .meaning = "and the password",
     .example = "…",
     .also = "SMTP_PASSWORD",
     .secret = true},
    {.key = "EMAIL_RECIPIENTS",
     .meaning = "who gets mail, parted by commas; unset: the sender",
     .example = "desk@example.com",
     .also = "EMAIL_RECIPIENT, EMAIL_TO, RECIPIENT_EMAIL, ALERT_EMAIL"},
    {0}};

static const struct setting web_settings[] = {
    {.key = "ALERT_WEBHOOK_URL",
     .meaning = "gets each message as JSON",
     .example = "https://hooks.example.com/nemd",
     .secret = true},
    {.key = "ALERT_WEBHOOK_SECRET",
     .meaning = "signs them (HMAC-SHA-256)",
     .example = "…",
     .secret = true},
    {.key = "ALERT_SLACK_URL",
     .meaning = "an incoming webhook of Slack",
     .example = "https://hooks.slack.com/services/…",
     .secret = true},
    {.key = "ALERT_TEAMS_URL",
     .meaning = "a workflow of Teams that takes an adaptive card",
     .example = "https://example.webhook.office.com/…",
     .secret = true},
    {.key = "ALERT_NTFY_URL",
     .meaning = "a topic of ntfy",
     .example = "https://ntfy.sh/my-topic",
     .secret = true},
    {.key = "ALERT_NTFY_TOKEN", .meaning = "its token", .example = "…", .secret = true},
    {.key = "ALERT_COMMAND",
     .meaning = "a program by its full path, and its words: gets the message as JSON on its "
                "standard input",
     .example = "/usr/local/bin/page --team nem"},
    {0}};

static const struct setting sink_settings[] = {
    {.key = "ALERT_<SINK>_ROUTE",
     .meaning = "what goes there: rules with the least severity, the first that fits decides; "
                "unset: *:warning for sms, * for others",
     .example = "price, trip:critical, -new_unit, *:warning"},
    {.key = "ALERT_<SINK>_RATE",
     .meaning = "messages an hour to a target; unset: sms 12, mail 30, slack, teams and ntfy 60, "
                "command 120, webhook 600",
     .example = "20"},
    {.key = "ALERT_<SINK>_QUIET",
     .meaning = "hours, in market time, in which only what is critical goes there; unset: "
                "ALERT_QUIET",
     .example = "22:00-07:00"},
    {.key = "ALERT_QUIET", .meaning = "the same for all sinks", .example = "22:00-07:00"},
    {.key = "ALERT_TIMEOUT",
     .fallback = "30",
     .meaning = "seconds that a server has to answer",
     .example = "10"},
    {.key = "ALERT_CA_FILE",
     .meaning = "certificate authorities to trust instead of the system's",
     .example = "/etc/ssl/desk-ca.pem"},
    {0}};

static const struct setting system_settings[] = {
    {.key = "XDG_DATA_HOME", .meaning = "where the store's default folder is below"},
    {.key = "XDG_CONFIG_HOME", .meaning = "where migrate puts settings below; unset: ~/.config"},
    {.key = "TMPDIR", .meaning = "where a query that is larger than memory spills to"},
    {.key = "NOTIFY_SOCKET",
     .meaning = "set by systemd: where nemd says that it is ready, alive, and stopping",
     .also = "WATCHDOG_USEC, WATCHDOG_PID"},
    {.key = "https_proxy",
     .meaning = "a proxy for what is fetched and sent, as libcurl reads it",
     .example = "http://proxy.example:3128",
     .also = "http_proxy, no_proxy"},
    {0}};

const struct setting_group setting_groups[] = {
    {"Store, source and log", NULL, store_settings},
    {"Dashboard and API", NULL, serve_settings},
    {"Backups", NULL, backup_settings},
    {"Alerts: rules", NULL, rule_settings},
    {"Alerts by SMS", "The sink sms, by Twilio.", sms_settings},
    {"Alerts by e-mail", "The sink mail.", mail_settings},
    {"Alerts by webhook, chat and command",
     "The sinks webhook, slack, teams, ntfy and command, each there when its first setting is.",
     web_settings},
    {"Alerts: what each sink gets", "<SINK> is a sink's name in capitals: SMS, MAIL, WEBHOOK, …",
     sink_settings},
    {"Of the system", "Variables of the environment alone.", system_settings},
    {0}};
