CREATE TABLE "agreements" (
	"id" text PRIMARY KEY NOT NULL,
	"number" bigserial NOT NULL,
	"a_country_code" text NOT NULL,
	"a_party_id" text NOT NULL,
	"b_country_code" text NOT NULL,
	"b_party_id" text NOT NULL,
	"effect" text NOT NULL,
	"modules" jsonb,
	"valid_from" bigint,
	"valid_until" bigint,
	"created_at" bigint NOT NULL,
	"created_revision" bigint NOT NULL,
	"ended_at" bigint,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "client_info_cursors" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "departed_roles" (
	"party_key" text NOT NULL,
	"role" text NOT NULL,
	"country_code" text NOT NULL,
	"party_id" text NOT NULL,
	"departed_at" bigint NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "departed_roles_party_key_role_pk" PRIMARY KEY("party_key","role")
);
--> statement-breakpoint
CREATE TABLE "platform_checks" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"checked_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "announced_at" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "announced_revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "client_info_cursors" ADD CONSTRAINT "client_info_cursors_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "platform_checks" ADD CONSTRAINT "platform_checks_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agreements_revision" ON "agreements" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "agreements_number" ON "agreements" USING btree ("number");--> statement-breakpoint
CREATE INDEX "departed_roles_revision" ON "departed_roles" USING btree ("revision");