"""What an alert says, in a few words that follow the name of what it is about."""

from __future__ import annotations

from typing import Final

from hatang.i18n import N_

# By file of alerts/rules; a test walks these and the monitors' own names.
ALERTS: Final = {
    # backups
    "BackupTooOld": N_("last good backup is too old"),
    "BackupProbeFailed": N_("no good backup is found"),
    "LogFeedSilent": N_("no fresh log line arrives"),
    "ConfigurationDrifted": N_("configuration was changed past hatang"),
    "ConfigurationTooOld": N_("configuration was not collected lately"),
    "ConfigurationUnsaved": N_("running configuration is not saved"),
    # capacity
    "DiskNearlyFull": N_("disk is nearly full"),
    "DiskFull": N_("disk is full"),
    "SessionTableNearlyFull": N_("session table is nearly full"),
    "DiskFillsSoon": N_("disk fills soon"),
    "MemoryFillsSoon": N_("memory fills soon"),
    "CpuBusyForADay": N_("processors were busy all day"),
    # certificates
    "CertificateExpiresThisMonth": N_("certificate expires this month"),
    "CertificateExpiresSoon": N_("certificate expires soon"),
    "CertificateExpiresNow": N_("certificate has expired or is about to"),
    "RegisteredCertificateExpiresSoon": N_("registered certificate expires soon"),
    "RegisteredCertificateExpired": N_("registered certificate has expired"),
    "RevocationListStale": N_("revocation list is out of date"),
    # circuits
    "CircuitOutboundNearlyFull": N_("circuit is nearly full (outbound)"),
    "CircuitInboundNearlyFull": N_("circuit is nearly full (inbound)"),
    "PathLossHigh": N_("packet loss is high"),
    "PathJitterHigh": N_("jitter is high"),
    "VoiceQualityLow": N_("voice quality is low"),
    "CircuitOutboundBusy": N_("circuit was busy all month (outbound)"),
    "CircuitInboundBusy": N_("circuit was busy all month (inbound)"),
    # conference
    "EndpointNotRegistered": N_("room is not registered"),
    "MeetingPointsPoor": N_("points of a meeting are heard badly"),
    "MeetingPointAbsent": N_("required point is not in its meeting"),
    # environment
    "TemperatureHigh": N_("temperature is high"),
    "TemperatureAlarm": N_("device reports a temperature alarm"),
    "RoomTooWarm": N_("room is too warm"),
    "HumidityOutOfRange": N_("humidity is out of range"),
    "FanFailed": N_("fan has failed"),
    "PowerSupplyFailed": N_("power supply is faulty or without mains"),
    "HardwareFailed": N_("hardware is faulty"),
    "RedundancyLost": N_("redundancy is lost"),
    "CabinetOpened": N_("cabinet is open"),
    # hatang
    "HatangWatchdog": N_("alerting works (a steady sign of life)"),
    "HatangMonitorsDown": N_("monitoring is down"),
    "HatangApiDown": N_("api does not answer"),
    "HatangWorkerDown": N_("worker does not answer"),
    "HatangReceiverDown": N_("receiver does not answer"),
    "HatangDutyDown": N_("a worker's duty does not run"),
    "HatangPollsLate": N_("polls start late"),
    "HatangPollsShed": N_("more to poll than fits"),
    "HatangSyslogNearlyFull": N_("disk with log lines is nearly full"),
    "HatangTransitionsUnwritten": N_("changes of state cannot be written"),
    "HatangAuditHeadUnwritten": N_("head of the audit chain cannot be written"),
    "HatangHintsLost": N_("traps or log lines are lost"),
    "HatangPollsSkipped": N_("polls are skipped"),
    # interfaces
    "InterfaceErrors": N_("interface has errors"),
    "InterfaceDiscards": N_("interface discards packets"),
    "InterfaceFlapping": N_("interface flaps"),
    "InterfaceSpeedDropped": N_("interface runs slower than before"),
    "InterfaceUtilisationHigh": N_("interface is nearly full"),
    "OpticalPowerLow": N_("optical power is low"),
    "OpticalPowerFalling": N_("optical power falls"),
    "OpticalModuleFaulty": N_("optical module is faulty"),
    # notification
    "HatangNotificationsFailing": N_("notifications do not get through"),
    "HatangAlertmanagerDown": N_("Alertmanager does not answer"),
    "HatangSenderClockWrong": N_("clock of a Prometheus is wrong"),
    # reachability
    "DeviceUnreachable": N_("device does not answer"),
    "SnmpSilent": N_("answers ping, not SNMP"),
    # routing
    "BgpSessionDown": N_("BGP session is down"),
    "BgpSessionFlapping": N_("BGP session flaps"),
    "BgpUpdatesMany": N_("too many BGP updates"),
    "OspfNeighbourLost": N_("OSPF neighbour is lost"),
    "OspfNeighbourFlapping": N_("OSPF neighbour flaps"),
    # servers
    "CpuBusy": N_("processors are busy"),
    "LoadHigh": N_("load is high"),
    "MemoryNearlyFull": N_("memory is nearly full"),
    "SwapNearlyFull": N_("swap space is nearly full"),
    "InodesNearlyFull": N_("inodes are nearly used up"),
    "ClockWrong": N_("clock is wrong"),
    "DeviceRestarted": N_("device restarted"),
    # services
    "ServiceUnavailable": N_("service does not answer"),
    "DnsUnavailable": N_("DNS does not answer as it should"),
    "MailUnavailable": N_("mail does not work"),
    "SipRegistrarUnavailable": N_("SIP registrar refuses or does not answer"),
    "SipNotRegistered": N_("nobody is registered under the SIP address"),
    "LoginJourneyFailed": N_("people cannot get through"),
    "ServiceSlow": N_("service is slow"),
    "JourneyStepSlow": N_("a step is slow"),
    "HttpStatusWrong": N_("unexpected HTTP status"),
    "HttpContentWrong": N_("another page than expected"),
    "DnsSignatureExpiresSoon": N_("zone's signature expires soon"),
    "TimeServerWrong": N_("time server is wrong"),
    "TimeServerUnsynchronised": N_("time server has no source"),
    "ReachLow": N_("fewer than half of the targets are reached"),
    # storage
    "VolumeDegraded": N_("volume is degraded or failed"),
    "DiskFailed": N_("disk has failed"),
    "DiskFailingSoon": N_("disk fails soon"),
    "DiskWornOut": N_("disk is nearly worn out"),
    "StorageControllerFailed": N_("storage controller is faulty"),
    # ups
    "UpsOnBattery": N_("UPS runs on battery"),
    "UpsRunsOut": N_("UPS battery runs out"),
    "UpsBatteryBad": N_("UPS battery is bad"),
    "UpsLoadHigh": N_("UPS load is high"),
    "UpsOnBypass": N_("UPS is on bypass"),
    "UpsBatteryHot": N_("UPS battery is hot"),
    "UpsMainsPoor": N_("mains are poor"),
    # what the monitors' states are called where no rule stands behind them
    "LinkDown": N_("interface is down"),
    "CarrierOutage": N_("carrier's circuits are out"),
    "PowerOutage": N_("mains are out at several sites"),
    "ElementDown": N_("does not work"),
}
