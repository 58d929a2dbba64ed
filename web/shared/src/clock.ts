import type { DeviceClock, Timestamp } from './contract';

/**
 * The device's civil clock as this page knows it. It is advanced between two answers at the rate the device names, so that
 * ages ("3 min ago") are right also where the device's time runs faster than the browser's.
 */
let known: { deviceMs: number; atMs: number; rate: number; zone: string } | undefined;

/** Takes over the device's clock from an answer. */
export function setDeviceClock(clock: DeviceClock, nowMs = performance.now()): void {
  known = { deviceMs: Date.parse(clock.time), atMs: nowMs, rate: clock.rate, zone: clock.timeZone };
}

/** The device's time in Unix milliseconds; the browser's until the device has told its own. */
export function deviceNow(nowMs = performance.now()): number {
  return known ? known.deviceMs + (nowMs - known.atMs) * known.rate : Date.now();
}

/** Seconds of device time per real second. */
export function deviceRate(): number {
  return known?.rate ?? 1;
}

/** IANA name of the zone in which the device's days begin. */
export function deviceZone(): string {
  return known?.zone ?? 'UTC';
}

/** Age of a device time in milliseconds, not below zero. */
export function ageMs(time: Timestamp): number {
  return Math.max(0, deviceNow() - Date.parse(time));
}
